//! QR codes of a size that is read from where people stand.

use qrcodegen::{QrCode, QrCodeEcc};

use crate::sign::qr::QUIET_MODULES;

use super::PrintError;
use super::measures::Measures;
use super::page::{Area, Operation};

/// Least width of a module: a telephone reads it from a metre and more.
const MODULE_LEAST: f64 = 1.0;

/// Width of a module on A4 where there is room: read from two metres.
const MODULE_WANTED: f64 = 2.0;

/// Most of the width between the margins that a code takes.
const SHARE_MOST: f64 = 0.42;

/// A code at its size.
#[derive(Clone)]
pub(super) struct Code {
    symbol: QrCode,
    module: f64,
    address: String,
}

impl Code {
    pub(super) fn new(address: &str, measures: &Measures) -> Result<Self, PrintError> {
        let no_code = || PrintError::NoCode { length: address.len() };
        let symbol = QrCode::encode_text(address, QrCodeEcc::Medium).map_err(|_| no_code())?;
        let most = measures.width() * SHARE_MOST / f64::from(symbol.size());
        let module = (MODULE_WANTED * measures.scale * measures.ease).max(MODULE_LEAST).min(most);
        if module < MODULE_LEAST {
            return Err(no_code());
        }
        Ok(Self { symbol, module, address: address.to_owned() })
    }

    /// The same code as high as `side`, if that is larger, and not too large.
    pub(super) fn grown(&self, side: f64, measures: &Measures) -> Option<Self> {
        let fits = side > self.side() && side <= measures.width() * SHARE_MOST;
        let module = side / f64::from(self.symbol.size());
        fits.then(|| Self { module, ..self.clone() })
    }

    /// The same code at a share of its size, if it can still be read from a metre.
    pub(super) fn smaller(&self, share: f64) -> Option<Self> {
        let module = self.module * share;
        (module >= MODULE_LEAST).then(|| Self { module, ..self.clone() })
    }

    /// Width and height, without the quiet zone.
    pub(super) fn side(&self) -> f64 {
        self.module * f64::from(self.symbol.size())
    }

    /// What stays white on each side.
    pub(super) fn quiet(&self) -> f64 {
        self.module * f64::from(QUIET_MODULES)
    }

    pub(super) fn draw(&self, x: f64, y: f64) -> Operation {
        let mut modules = Vec::new();
        for row in 0..self.symbol.size() {
            let columns: Vec<bool> =
                (0..self.symbol.size()).map(|column| self.symbol.get_module(column, row)).collect();
            let mut column = 0;
            for run in columns.chunk_by(bool::eq) {
                if run[0] {
                    let (left, top) = (x + f64::from(column) * self.module, y + f64::from(row) * self.module);
                    modules.push(Area { x: left, y: top, width: run.len() as f64 * self.module, height: self.module });
                }
                column += run.len() as i32;
            }
        }
        let area = Area { x, y, width: self.side(), height: self.side() };
        Operation::Code { area, modules, module: self.module, address: self.address.clone() }
    }
}
