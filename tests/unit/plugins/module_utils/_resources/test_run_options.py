# Copyright (c) 2026, The community.northflank authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a run are sent as the API takes them, and refused where it would not."""

from __future__ import annotations

import pytest
from ansible_collections.community.northflank.tests.simulation import SHA

FILE = {"/app/config.yml": {"data": "aGVsbG8gcnVuCg=="}}
FULL_API = {
    "runtimeEnvironment": {"VARIABLE_1": "abcdef", "VARIABLE_2": "12345"},
    "runtimeFiles": FILE,
    "dockerSecretMounts": {"example-mount": {"data": "aGVsbG8gcnVuCg==", "encoding": "utf-8"}},
    "billing": {"deploymentPlan": "nf-compute-20"},
    "deployment": {
        "internal": {"id": "example-build-service", "branch": "master", "buildSHA": "latest", "buildId": "premium-guide-6393"},
        "docker": {"configType": "customEntrypointCustomCommand", "customEntrypoint": "/bin/sh", "customCommand": "run"},
        "storage": {"ephemeralStorage": {"storageSize": 1024}, "shmSize": 64, "useHdbStorage": False},
    },
}
FULL = {
    "runtime_environment": {"VARIABLE_1": "abcdef", "VARIABLE_2": 12345},
    "runtime_files": {"/app/config.yml": {"data": "aGVsbG8gcnVuCg=="}},
    "docker_secret_mounts": {"example-mount": {"content": "hello run\n"}},
    "billing": {"deployment_plan": "nf-compute-20"},
    "deployment": {
        "internal": {"id": "example-build-service", "branch": "master", "build_sha": "latest", "build_id": "premium-guide-6393"},
        "external": None,
        "docker": {"config_type": "customEntrypointCustomCommand", "custom_entrypoint": "/bin/sh", "custom_command": "run"},
        "storage": {"ephemeral_storage": {"storage_size": "1024"}, "shm_size": 64, "use_hdb_storage": False},
    },
}
EXTERNAL = {"image_path": "registry.example.com:5000/team/app:1.4.2", "credentials": "example-credentials"}


@pytest.mark.parametrize(
    ("arguments", "body"),
    [
        ({}, {}),
        (FULL, FULL_API),
        (FULL_API, FULL_API),
        ({"build_id": "premium-guide-6393"}, {"deployment": {"internal": {"buildId": "premium-guide-6393"}}}),
        ({"deployment": {"internal": {"build_sha": SHA}}}, {"deployment": {"internal": {"buildSHA": SHA}}}),
        (
            {"deployment": {"external": EXTERNAL, "buildpack": {"config_type": "customProcess", "custom_process": "web"}}},
            {
                "deployment": {
                    "external": {"imagePath": EXTERNAL["image_path"], "credentials": "********"},
                    "buildpack": {"configType": "customProcess", "customProcess": "web"},
                }
            },
        ),
    ],
)
def test_the_body_is_what_was_asked_for(run, arguments, body):
    masked = {
        **body,
        **({"runtimeEnvironment": dict.fromkeys(body["runtimeEnvironment"], "********")} if "runtimeEnvironment" in body else {}),
        **{
            name: {key: {**file, "data": "********"} for key, file in body[name].items()}
            for name in ("runtimeFiles", "dockerSecretMounts")
            if name in body
        },
    }
    assert run(check_mode=True, **arguments)["request"]["body"] == masked


def docker(**options):
    return {"deployment": {"docker": options}}


def internal(**options):
    return {"deployment": {"internal": options}}


BAD = {
    "both images": ({"deployment": {"internal": {"build_id": "b"}, "external": EXTERNAL}}, "both internal and external"),
    "build_id and deployment": ({"build_id": "b", "deployment": {"internal": {"id": "builder"}}}, "build_id|deployment"),
    "a short commit": (internal(build_sha="262ed98"), "deployment.internal.build_sha '262ed98' is not a commit"),
    "an empty commit": (internal(build_sha=""), "deployment.internal.build_sha is empty"),
    "a latest in capitals": (internal(build_sha="LATEST"), "build_sha"),
    "an unknown type": (docker(config_type="custom"), "config_type"),
    "no type": (docker(custom_command="run"), "config_type"),
    "no command": (docker(config_type="customCommand"), "config_type customCommand needs custom_command"),
    "an empty command": (docker(config_type="customCommand", custom_command=""), "needs custom_command"),
    "one of two": (docker(config_type="customEntrypointCustomCommand", custom_command="run"), "needs custom_entrypoint"),
    "no process": ({"deployment": {"buildpack": {"config_type": "customProcess"}}}, "deployment.buildpack: config_type customProcess"),
    "no command, original": ({"deployment": {"buildpack": {"config_type": "originalEntrypointCustomCommand"}}}, "needs custom_command"),
    "a plan with a space": ({"billing": {"deployment_plan": "nf compute"}}, "billing.deployment_plan 'nf compute'"),
    "a short plan": ({"billing": {"deployment_plan": "nf"}}, "billing.deployment_plan 'nf'"),
    "a long plan": ({"billing": {"deployment_plan": "n" * 101}}, "billing.deployment_plan"),
    "a service with slashes": (internal(id="a/b/c"), "deployment.internal.id 'a/b/c'"),
    "no image": ({"deployment": {"external": {}}}, "image_path"),
    "an image without a tag": ({"deployment": {"external": {"image_path": "nginx"}}}, "deployment.external.image_path 'nginx'"),
    "odd credentials": ({"deployment": {"external": {**EXTERNAL, "credentials": "a b"}}}, "deployment.external.credentials is not"),
    "a relative path": ({"runtime_files": {"a/b": {"content": ""}}}, "runtime_files['a/b']"),
    "a null": ({"runtime_environment": {"A": None}}, "runtime_environment['A'] is empty (null)"),
    "a list": ({"runtime_environment": {"A": ["b"]}}, "runtime_environment['A'] is a list"),
    "a float": ({"runtime_environment": {"A": 1.1}}, "runtime_environment['A'] is a floating-point number, but takes text. Quote it"),
    "a text": ({"runtime_environment": "A=b c=d"}, "runtime_environment is text, but takes a dictionary"),
    "an ID that YAML changed": (internal(build_id=1.5), "deployment.internal.build_id is a floating-point number"),
    "a size with a fraction": ({"deployment": {"storage": {"shm_size": 1.5}}}, "deployment.storage.shm_size is a floating-point number"),
    "no name": ({"runtime_environment": {"": "b"}}, "without a name"),
    "not base64": ({"docker_secret_mounts": {"a": {"data": "!!!"}}}, "docker_secret_mounts['a']: data is not base64"),
    "a size in words": ({"deployment": {"storage": {"shm_size": "big"}}}, "shm_size"),
    "no size": ({"deployment": {"storage": {"ephemeral_storage": {"storage_size": 0}}}}, "storage_size is 0; give 1 or more"),
    "a command with a NUL": (docker(config_type="customCommand", custom_command="a\0"), "deployment.docker.custom_command is not text"),
    "bytes for a branch": (internal(branch="a\udce9"), "deployment.internal.branch is not text: it has a NUL or"),
    "an unknown option": ({"deployment": {"gpus": 1}}, "deployment.gpus"),
    "a size that is a boolean": ({"deployment": {"storage": {"shm_size": True}}}, "shm_size is True; give 1 or more"),
    "an empty build_id": ({"build_id": ""}, "build_id is empty"),
    "an empty build_id of an image": (internal(build_id=""), "build_id is empty"),
    "an empty branch": (internal(branch=""), "deployment.internal.branch '' is not the name of a branch"),
}


@pytest.mark.parametrize(("arguments", "words"), BAD.values(), ids=BAD)
def test_what_the_api_would_refuse_is_refused_before_any_request(run, fake, arguments, words):
    result = run(**arguments)
    assert result["error"]["kind"] == "invalid_arguments"
    assert words in result["msg"]
    assert fake.journal == []
