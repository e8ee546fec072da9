//! The checks by their names.

use std::collections::BTreeSet;

use counterfoil::check::{ALL, Check};

#[test]
fn each_check_is_found_by_its_id_and_no_other_name() {
    for check in ALL {
        assert_eq!(Check::named(check.id()), Some(check));
    }
    assert_eq!(Check::named("scrape/equals"), None);
    assert_eq!(Check::named(""), None);
}

#[test]
fn each_check_says_in_a_sentence_of_its_own_what_must_hold() {
    let titles: BTreeSet<&str> = ALL.into_iter().map(Check::title).collect();
    assert_eq!(titles.len(), ALL.len());
    for title in titles {
        assert!(title.split(' ').count() >= 5, "{title:?}");
    }
}
