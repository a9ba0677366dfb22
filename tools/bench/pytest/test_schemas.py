"""What a repository without tamer does: one test for each file, against the schema of its type, and nothing across files."""

import functools
import glob
import json
import os

import jsonschema
import pytest
import yaml


@functools.cache
def validator(kind):
    with open(f"schemas/{kind}.schema.json") as f:
        schema = json.load(f)
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.mark.parametrize("path", sorted(glob.glob("customers/*/*.yaml")))
def test_schema(path):
    with open(path) as f:
        value = yaml.load(f, Loader=yaml.CSafeLoader)
    errors = list(validator(os.path.basename(path)[: -len(".yaml")]).iter_errors(value))
    assert not errors
