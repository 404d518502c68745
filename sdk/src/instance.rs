//! One live plugin behind the contract's text and frames: the same code in Wasm and natively.
//!
//! Must never: answer with half of the edits after a fault.

use tamis_contract::{
    CONTRACT_VERSION, ConfigError, Description, EditsWriter, Guest, Interest, View,
};

use crate::ledger::Ledger;
use crate::{Edits, Plugin, settings};

/// What a plugin says of itself, as JSON.
pub(crate) fn describe<P: Plugin>() -> String {
    let description = Description {
        name: P::NAME.to_owned(),
        version: P::VERSION.to_owned(),
        contract: CONTRACT_VERSION.to_owned(),
        schema: Some(schemars::schema_for!(P::Settings).to_value()),
    };
    json(&description)
}

/// A plugin with its interest and the buffers that serve every call.
pub(crate) struct Instance<P> {
    running: Option<(P, Interest)>,
    writer: EditsWriter,
    ledger: Ledger,
}

impl<P> Default for Instance<P> {
    fn default() -> Self {
        Self {
            running: None,
            writer: EditsWriter::default(),
            ledger: Ledger::default(),
        }
    }
}

impl<P: Plugin> Guest for Instance<P> {
    fn configure(&mut self, settings: &str) -> Result<String, String> {
        self.running = None;
        let (plugin, interest) = configure::<P>(settings).map_err(|error| json(&error))?;
        let answer = json(&interest);
        self.running = Some((plugin, interest));
        Ok(answer)
    }

    fn process(&mut self, frame: &[u8]) -> Result<Vec<u8>, String> {
        let (plugin, interest) = self
            .running
            .as_mut()
            .ok_or("the plugin is not configured")?;
        let view = View::read(frame).map_err(|error| error.to_string())?;
        self.writer.clear();
        self.ledger.clear();
        let mut edits = Edits::new(&view, interest, &mut self.writer, &mut self.ledger);
        plugin
            .process(&view, &mut edits)
            .map_err(|fault| fault.to_string())?;
        let mut answer = Vec::new();
        self.writer.finish(&mut answer);
        Ok(answer)
    }
}

fn configure<P: Plugin>(text: &str) -> Result<(P, Interest), ConfigError> {
    let value = settings::read(text)?;
    P::configure(settings::parse(&value)?).map_err(|error| settings::without_values(error, &value))
}

/// The contract's own types have no maps with odd keys, the only thing that cannot be written.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
