//! What a plugin said when it failed in `configure`: a chain that was not built keeps no lines.

use std::error::Error;

use tamis::{Cache, EngineOptions, Fault, Grant, Plugin, Tamis};
use tamis_testing::Case;

/// The last words of a plugin that does not start with a case's settings; none if it only found
/// fault with them.
pub(super) fn at_start(component: &[u8], case: &Case) -> Option<String> {
    let plugin = Plugin::component("plugin", component.to_vec()).settings(case.settings.clone());
    let built = Tamis::builder()
        .plugin(Grant::ALL.into_iter().fold(plugin, Plugin::grant))
        .engine_options(EngineOptions::modest())
        .cache(Cache::none())
        .build();
    let error = built.err()?;
    let mut cause: Option<&dyn Error> = Some(&error);
    while let Some(error) = cause {
        if let Some(fault) = error.downcast_ref::<Fault>() {
            return fault.words().map(str::to_owned);
        }
        cause = error.source();
    }
    None
}
