//! A plugin as a chain holds it: what it is, what it may, how it is doing, and how to start one more.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Instant;

use tamis_contract::{ConfigError, Description, Interest, NativePlugin, Operation, Role};

use crate::counters::Counters;
use crate::fault::Fault;
use crate::imports::{Grant, HostImports, LogLine, Tables};
use crate::interest;
use crate::limits::PluginLimits;
use crate::plan::PluginPlan;
use crate::run::{Native, Run};

/// What happens to a batch when a plugin fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Policy {
    /// Every value that the plugin was shown as a hit is masked whole, and the batch goes on.
    Mask,
    /// The batch is refused.
    Drop,
    /// The batch goes on as the plugin found it.
    Pass,
}

impl Policy {
    /// The policy that a role has when none is named.
    #[must_use]
    pub fn default_for(role: Role) -> Self {
        match role {
            Role::Protect => Self::Mask,
            Role::Enrich | Role::Reduce => Self::Pass,
        }
    }

    /// Its name in a config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mask => "mask",
            Self::Drop => "drop",
            Self::Pass => "pass",
        }
    }

    /// The policy of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Mask, Self::Drop, Self::Pass]
            .into_iter()
            .find(|policy| policy.as_str() == name)
    }
}

/// A plugin's code.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Code {
    /// A component.
    #[cfg(feature = "wasm")]
    Wasm(crate::wasm::Component),
    /// Linked natively.
    Native(NativePlugin),
}

/// One plugin of a chain, as a config names it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PluginSpec {
    /// Its name in the chain: unique, and what errors, reports and counters call it.
    pub name: String,
    /// Its code.
    pub code: Code,
    /// Its settings.
    pub settings: serde_json::Value,
    /// What happens when it fails; not said means what its role implies.
    pub policy: Option<Policy>,
    /// What it may use of the host.
    pub grants: Vec<Grant>,
    /// Its limits.
    pub limits: PluginLimits,
    /// Tables of its own, which it sees instead of the chain's of the same names.
    pub tables: Tables,
}

impl PluginSpec {
    /// A plugin without settings, with default limits and nothing granted.
    #[must_use]
    pub fn new(name: impl Into<String>, code: Code) -> Self {
        Self {
            name: name.into(),
            code,
            settings: serde_json::Value::Object(serde_json::Map::new()),
            policy: None,
            grants: Vec::new(),
            limits: PluginLimits::default(),
            tables: Tables::new(),
        }
    }

    /// The same with these settings.
    #[must_use]
    pub fn with_settings(mut self, settings: serde_json::Value) -> Self {
        self.settings = settings;
        self
    }

    /// The same with this policy.
    #[must_use]
    pub fn with_policy(mut self, policy: Policy) -> Self {
        self.policy = Some(policy);
        self
    }
}

/// Why a plugin cannot be part of a chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// Its settings are larger than the limit.
    #[error("the settings have {actual} bytes, more than settings_bytes_max of {max}")]
    Settings {
        /// The limit.
        max: usize,
        /// Their size.
        actual: usize,
    },
    /// It found fault with its settings.
    #[error("{0}")]
    Config(ConfigError),
    /// It answered `configure` or `describe` with what is not JSON of the contract.
    #[error("the plugin's answer to {call} is not what the contract asks for")]
    Answer {
        /// The call.
        call: &'static str,
    },
    /// It failed while it was configured.
    #[error("the plugin failed while it was configured")]
    Fault(#[source] Fault),
    /// Its interest cannot be served.
    #[error("the plugin's interest cannot be served")]
    Interest(#[from] interest::InterestError),
}

/// A plugin of a chain.
#[derive(Debug)]
pub(crate) struct Plugin {
    pub(crate) name: Arc<str>,
    pub(crate) role: Role,
    pub(crate) policy: Policy,
    pub(crate) limits: Arc<PluginLimits>,
    pub(crate) plan: PluginPlan,
    pub(crate) operations: Vec<Operation>,
    pub(crate) detectors: Vec<Arc<str>>,
    pub(crate) description: Description,
    pub(crate) warnings: Vec<String>,
    pub(crate) counters: Counters,
    starter: Starter,
    interest: String,
    health: Mutex<Health>,
}

/// What it takes to start one more instance.
#[derive(Clone)]
pub(crate) struct Starter {
    code: Code,
    settings: Arc<str>,
    imports: Arc<HostImports>,
    limits: Arc<PluginLimits>,
}

impl std::fmt::Debug for Starter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Starter")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Health {
    faults_in_a_row: u32,
    waits_until: Option<Instant>,
}

impl Starter {
    pub(crate) fn new(spec: &PluginSpec, tables: &Arc<Tables>) -> Result<Self, PluginError> {
        let settings = spec.settings.to_string();
        let (max, actual) = (spec.limits.settings_bytes_max, settings.len());
        if actual > max {
            return Err(PluginError::Settings { max, actual });
        }
        let mut tables = Arc::clone(tables);
        if !spec.tables.is_empty() {
            let own = spec.tables.clone();
            Arc::make_mut(&mut tables).extend(own);
        }
        Ok(Self {
            code: spec.code.clone(),
            settings: settings.into(),
            imports: HostImports::new(&spec.grants, tables, &spec.limits),
            limits: Arc::new(spec.limits.clone()),
        })
    }

    /// Starts the first instance; says what the plugin is and what it asks for.
    pub(crate) fn first(&self) -> Result<(Box<dyn Run>, Description, String), PluginError> {
        let mut run = self.instantiate().map_err(PluginError::Fault)?;
        let description = run.describe().map_err(PluginError::Fault)?;
        let description = serde_json::from_str(&description)
            .map_err(|_| PluginError::Answer { call: "describe" })?;
        let interest = self.configure(run.as_mut())?;
        Ok((run, description, interest))
    }

    /// Starts one more instance; says what it asks for.
    fn another(&self) -> Result<(Box<dyn Run>, String), PluginError> {
        let mut run = self.instantiate().map_err(PluginError::Fault)?;
        let interest = self.configure(run.as_mut())?;
        Ok((run, interest))
    }

    fn configure(&self, run: &mut dyn Run) -> Result<String, PluginError> {
        let interest = run.configure(&self.settings).map_err(PluginError::Fault)?;
        interest.map_err(|faults| match serde_json::from_str(&faults) {
            Ok(faults) => PluginError::Config(faults),
            Err(_) => PluginError::Answer { call: "configure" },
        })
    }

    fn instantiate(&self) -> Result<Box<dyn Run>, Fault> {
        let imports = Arc::clone(&self.imports);
        Ok(match &self.code {
            #[cfg(feature = "wasm")]
            Code::Wasm(component) => Box::new(crate::wasm::Instance::start(
                component,
                imports,
                &self.limits,
            )?),
            Code::Native(plugin) => Box::new(Native {
                describe: plugin.describe,
                guest: (plugin.start)(imports),
            }),
        })
    }
}

impl Plugin {
    pub(crate) fn new(
        spec: &PluginSpec,
        starter: Starter,
        description: Description,
        interest_json: String,
        interest: &Interest,
        plan: PluginPlan,
    ) -> Self {
        Self {
            name: spec.name.as_str().into(),
            role: interest.role,
            policy: spec
                .policy
                .unwrap_or_else(|| Policy::default_for(interest.role)),
            limits: Arc::clone(&starter.limits),
            plan,
            operations: interest::operations(interest),
            detectors: interest
                .detectors
                .iter()
                .map(|name| name.as_str().into())
                .collect(),
            description,
            warnings: interest.warnings.clone(),
            counters: Counters::default(),
            starter,
            interest: interest_json,
            health: Mutex::default(),
        }
    }

    /// Starts one more instance, unless the plugin waits after faults.
    pub(crate) fn start(&self) -> Result<Box<dyn Run>, Fault> {
        if self
            .health()
            .waits_until
            .is_some_and(|until| Instant::now() < until)
        {
            return Err(Fault::Backoff);
        }
        let start = |error: PluginError| match error {
            PluginError::Fault(fault) => fault,
            // Settings that were good at load are not good now, or the interest is another: the
            // plugin is not what it was, and the plan does not hold for it.
            error => Fault::Start {
                reason: error.to_string(),
            },
        };
        let (run, interest) = self.starter.another().map_err(start)?;
        if interest != self.interest {
            return Err(Fault::Start {
                reason: "its interest is not what it was at load".to_owned(),
            });
        }
        self.counters.starts.add(1);
        Ok(run)
    }

    /// Whether its edits may add attributes or speak of whole records: its tree then holds every
    /// entry of every container.
    pub(crate) fn writes(&self) -> bool {
        use Operation::{DropRecord, InsertIfAbsent, Set, SetTraceState};
        self.operations
            .iter()
            .any(|operation| matches!(operation, DropRecord | InsertIfAbsent | Set | SetTraceState))
    }

    /// Whether all that its edits may write is attributes of resources and scopes, where their key
    /// is not there.
    pub(crate) fn only_adds_above_records(&self) -> bool {
        use Operation::{DropRecord, InsertIfAbsent, Set, SetTraceState};
        let others = [DropRecord, Set, SetTraceState];
        self.operations.contains(&InsertIfAbsent)
            && !self.operations.iter().any(|one| others.contains(one))
            && self.plan.is_above_records()
    }

    /// A call went well.
    pub(crate) fn well(&self) {
        let mut health = self.health();
        if health.faults_in_a_row > 0 {
            *health = Health::default();
        }
    }

    /// A call failed: counts it and says from when on the plugin may be started again.
    pub(crate) fn failed(&self, fault: &Fault) {
        self.counters.fault(fault);
        if matches!(fault, Fault::Backoff | Fault::TooMuch { .. }) {
            return;
        }
        let mut health = self.health();
        health.faults_in_a_row = health.faults_in_a_row.saturating_add(1);
        let wait = self.limits.backoff(health.faults_in_a_row);
        health.waits_until = (!wait.is_zero()).then(|| Instant::now() + wait);
    }

    /// What its instances logged since the last time: content.
    pub(crate) fn take_lines(&self) -> Vec<LogLine> {
        self.starter.imports.take_lines()
    }

    fn health(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
