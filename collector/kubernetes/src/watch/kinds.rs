//! Which kinds are watched, where, and with which selectors.
//!
//! Of all kinds but pods the server sends metadata only, and of pods no more than the filter lets
//! through.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _};
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::core::PartialObjectMeta;
use kube::runtime::WatchStreamExt as _;
use kube::runtime::watcher::{Config, Error, Event, watcher};
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use crate::feed::ListOf;
use crate::kind::Kind;
use crate::settings::{Condition, Filter, Is, Settings};

/// Something that happened.
pub(super) enum Change {
    Pod(Box<Event<Pod>>),
    Object(Box<Event<ObjectMeta>>),
}

/// What happens to everything that is watched.
pub(super) type Changes = BoxStream<'static, (ListOf, Result<Change, Error>)>;

/// Watches what the settings ask for.
pub(super) fn follow(settings: &Settings, client: &Client) -> (Vec<ListOf>, Changes) {
    let filter = &settings.filter;
    let mut lists = Vec::new();
    for namespace in namespaces(filter) {
        lists.push(ListOf {
            kind: None,
            namespace,
        });
    }
    for kind in settings.keeps.kinds() {
        let everywhere = if kind.is_found_by_name() {
            vec![None]
        } else {
            namespaces(filter)
        };
        lists.extend(everywhere.into_iter().map(|namespace| ListOf {
            kind: Some(kind),
            namespace,
        }));
    }
    let all = lists.iter().map(|list| match list.kind {
        None => pods(list, client, filter),
        Some(kind) if kind.is_found_by_name() => of_cluster(list, kind, client, filter),
        Some(kind) => of_namespace(list, kind, client),
    });
    let changes = stream::select_all(all).boxed();
    (lists, changes)
}

/// The namespaces that are followed: those of the filter, or all at once.
fn namespaces(filter: &Filter) -> Vec<Option<Arc<str>>> {
    match filter.namespaces.as_slice() {
        [] => vec![None],
        names => names
            .iter()
            .map(|name| Some(name.as_str().into()))
            .collect(),
    }
}

fn pods(list: &ListOf, client: &Client, filter: &Filter) -> Changes {
    let (list, api) = (list.clone(), within::<Pod>(client, list));
    let changes = watcher(api, selectors(filter)).default_backoff();
    changes
        .map(move |event| {
            (
                list.clone(),
                event.map(|event| Change::Pod(Box::new(event))),
            )
        })
        .boxed()
}

fn of_cluster(list: &ListOf, kind: Kind, client: &Client, filter: &Filter) -> Changes {
    match kind {
        Kind::Node => {
            let mut config = Config::default();
            if let Some(node) = &filter.node {
                config = config.fields(&format!("metadata.name={node}"));
            }
            metadata::<Node>(list, Api::all(client.clone()), config)
        }
        _ => metadata::<Namespace>(list, Api::all(client.clone()), Config::default()),
    }
}

fn of_namespace(list: &ListOf, kind: Kind, client: &Client) -> Changes {
    let config = Config::default();
    match kind {
        Kind::Deployment => metadata::<Deployment>(list, within(client, list), config),
        Kind::StatefulSet => metadata::<StatefulSet>(list, within(client, list), config),
        Kind::DaemonSet => metadata::<DaemonSet>(list, within(client, list), config),
        Kind::Job => metadata::<Job>(list, within(client, list), config),
        _ => metadata::<ReplicaSet>(list, within(client, list), config),
    }
}

fn within<K>(client: &Client, list: &ListOf) -> Api<K>
where
    K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
{
    match &list.namespace {
        Some(namespace) => Api::namespaced(client.clone(), namespace),
        None => Api::all(client.clone()),
    }
}

fn metadata<K>(list: &ListOf, api: Api<PartialObjectMeta<K>>, config: Config) -> Changes
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    let list = list.clone();
    let changes = watcher(api, config).default_backoff();
    changes
        .map(move |event| {
            (
                list.clone(),
                event.map(|event| Change::Object(Box::new(meta(event)))),
            )
        })
        .boxed()
}

fn meta<K>(event: Event<PartialObjectMeta<K>>) -> Event<ObjectMeta> {
    match event {
        Event::Apply(object) => Event::Apply(object.metadata),
        Event::Delete(object) => Event::Delete(object.metadata),
        Event::InitApply(object) => Event::InitApply(object.metadata),
        Event::Init => Event::Init,
        Event::InitDone => Event::InitDone,
    }
}

/// What the server is asked to leave out.
fn selectors(filter: &Filter) -> Config {
    let mut config = Config::default();
    let node = filter
        .node
        .iter()
        .map(|node| format!("spec.nodeName={node}"));
    let fields: Vec<String> = node.chain(filter.fields.iter().map(selector)).collect();
    if !fields.is_empty() {
        config = config.fields(&fields.join(","));
    }
    let labels: Vec<String> = filter.labels.iter().map(selector).collect();
    if !labels.is_empty() {
        config = config.labels(&labels.join(","));
    }
    config
}

fn selector(condition: &Condition) -> String {
    let Condition { key, value, is } = condition;
    match is {
        Is::Equal => format!("{key}={value}"),
        Is::NotEqual => format!("{key}!={value}"),
        Is::There => key.clone(),
        Is::NotThere => format!("!{key}"),
    }
}
