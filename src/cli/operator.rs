//! Orders to the running daemon, over the operator's listener on the same box.

use std::io::Write;
use std::path::Path;

use super::client::ask;
use super::{Failure, configuration};
use crate::config::Config;
use crate::daemon::{credentials, master_key};

/// Prints the token that orders are given with.
pub fn token(path: &Path, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    let master = master_key(&config).map_err(Failure::because)?;
    writeln!(out, "{}", credentials(&master).operator()).map_err(Failure::because)
}

/// Stops or starts counting of an activity in a zone.
pub fn switch(path: &Path, word: &str, zone: &str, activity: &str, out: &mut dyn Write) -> Result<(), Failure> {
    let config = configuration(path)?;
    order(&config, &serde_json::json!({ "order": word, "zone": zone, "activity": activity }))?;
    let effect = match word {
        "stop" => "stops now and stays stopped until it is started again; the signs follow at their next poll",
        _ => "is wanted again; it begins when a sign is confirmed to say so",
    };
    writeln!(out, "counting of {activity} in {zone} {effect}").map_err(Failure::because)
}

/// Gives an order to the daemon that runs with `config`.
pub fn order(config: &Config, order: &serde_json::Value) -> Result<(), Failure> {
    let master = master_key(config).map_err(Failure::because)?;
    let address = config.operator.listen;
    let headers = [
        format!("Authorization: Bearer {}", credentials(&master).operator()),
        "Content-Type: application/json".to_owned(),
    ];
    let answer = ask(address, "POST", "/api/v1/orders", &headers, &order.to_string()).map_err(|error| {
        Failure::because(format!("the daemon does not answer on {address}: {error}; is it running?"))
    })?;
    match answer.code {
        200..=299 => Ok(()),
        code => Err(Failure::because(format!("the daemon refuses ({code}): {}", answer.text().trim()))),
    }
}
