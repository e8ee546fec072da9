//! Files that are hostile to their reader.

use counterfoil::truth::MetricFile;

use crate::encoder::{Directory, labelled};

#[test]
fn what_is_read_lies_in_memory_as_in_the_files_pages_so_that_no_value_is_halved_f11() {
    const CACHE_LINE: usize = 64;
    let mut read = Vec::new();
    for series in [1, 10, 100, 1000, 5000, 1, 700] {
        let entries: Vec<_> = (0..series)
            .map(|at| labelled("c", "c_total", &[("n", &at.to_string())], f64::from(at)))
            .collect();
        let directory = Directory::new().with("counter_1.db", &entries);
        // Those that are held make the next one take another place.
        read.push(MetricFile::read(&directory.path().join("counter_1.db")).unwrap());
    }
    for file in read {
        let place = file.bytes().as_ptr().addr();
        assert!(
            place.is_multiple_of(CACHE_LINE),
            "{} bytes at {place:#x}",
            file.bytes().len()
        );
    }
}
