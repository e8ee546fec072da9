//! One trial per embedded scenario, by its id, on the reference.

use counterfoil::testing::SuiteError;
use libtest_mimic::Trial;

use crate::site::reference;

pub(crate) fn trials() -> Result<Vec<Trial>, SuiteError> {
    reference().trials()
}
