"""The purposes that a consent document may ask for, and the scopes that each is asked for one by one."""

from collections.abc import Mapping

PURPOSES: Mapping[str, tuple[str, ...]] = {
    "genetic_testing": (),
    "return_primary": (),
    "return_incidental": (),
    "data_sharing": ("sponsor", "academic", "commercial", "public_database"),
    "sample_storage": (),
    "recontact": ("programme", "sponsor", "any"),
}
