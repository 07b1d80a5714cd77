"""What programs read of the findings."""

from __future__ import annotations

import json

import jsonschema
import pytest
from shelling import BATCH, WRONG, notebook

from dask_lens import rules
from dask_lens.findings import FindingReport
from dask_lens.lint.machines import as_json
from dask_lens.record.wire import from_dict

#: What SARIF 2.1.0 asks of the parts that we write (section 3 of the standard).
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "pattern": "sarif-schema-2.1.0.json$"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "message": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1}},
        },
        "level": {"enum": ["none", "note", "warning", "error"]},
        "rule": {
            "type": "object",
            "required": ["id", "help", "shortDescription"],
            "properties": {
                "id": {"type": "string"},
                "name": {"type": "string"},
                "help": {"$ref": "#/$defs/message"},
                "shortDescription": {"$ref": "#/$defs/message"},
                "fullDescription": {"$ref": "#/$defs/message"},
                "defaultConfiguration": {"properties": {"level": {"$ref": "#/$defs/level"}}},
            },
        },
        "region": {
            "type": "object",
            "required": ["startLine"],
            "additionalProperties": {"type": "integer", "minimum": 1},
        },
        "location": {
            "type": "object",
            "required": ["physicalLocation"],
            "properties": {
                "physicalLocation": {
                    "type": "object",
                    "required": ["artifactLocation"],
                    "properties": {
                        "artifactLocation": {
                            "properties": {"uri": {"type": "string", "pattern": r"^[\x21-\x7e]+$"}}
                        },
                        "region": {"$ref": "#/$defs/region"},
                    },
                }
            },
        },
        "run": {
            "type": "object",
            "required": ["tool", "results"],
            "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "tool": {
                    "required": ["driver"],
                    "properties": {
                        "driver": {
                            "required": ["name", "rules"],
                            "properties": {
                                "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}}
                            },
                        }
                    },
                },
                "invocations": {"items": {"required": ["executionSuccessful"]}},
                "results": {
                    "items": {
                        "required": ["ruleId", "ruleIndex", "level", "message", "locations"],
                        "properties": {
                            "level": {"$ref": "#/$defs/level"},
                            "message": {"$ref": "#/$defs/message"},
                            "locations": {"items": {"$ref": "#/$defs/location"}},
                        },
                    }
                },
            },
        },
    },
}


def sarif(answer):
    log = answer.json
    jsonschema.validate(log, SARIF)
    return log["runs"][0]


def test_json_is_a_list_of_findings_as_they_travel(dask_lens, tmp_path):
    (tmp_path / "script.py").write_text(WRONG)
    [found] = dask_lens("check", "--output-format", "json").json
    assert found.pop("path") == "script.py"
    assert found["cell"] is None
    report = from_dict(FindingReport, found)
    assert (report.code, report.line, report.certainty) == ("DSK101", 4, "likely")
    assert report.proposals[0].edits[0].before == WRONG


def test_numbers_that_json_has_not_are_null():
    class Remark:
        def report(self, *, propose):
            assert propose
            return {"evidence": {"x": float("nan"), "y": [float("inf"), 1.5]}}

    [found] = json.loads(as_json([("a.py", Remark())]))
    assert found["evidence"] == {"x": None, "y": [None, 1.5]}


def test_sarif_describes_every_rule_and_places_findings(dask_lens, tmp_path):
    (tmp_path / "a scr,ipt é.py").write_text(WRONG)
    run = sarif(dask_lens("check", ".", "--output-format", "sarif"))
    described = run["tool"]["driver"]["rules"]
    assert {rule.code for rule in rules.catalogue()} < {entry["id"] for entry in described}
    [found] = run["results"]
    assert described[found["ruleIndex"]]["id"] == found["ruleId"] == "DSK101"
    assert "Why it costs" in described[found["ruleIndex"]]["help"]["text"]
    place = found["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%20scr%2Cipt%20%C3%A9.py"
    assert place["region"] == {"startLine": 4, "startColumn": 5, "endLine": 4, "endColumn": 51}
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_of_a_notebook_names_the_line_of_the_file(dask_lens, tmp_path):
    text = notebook("x = 1", WRONG)
    (tmp_path / "book.ipynb").write_text(text, encoding="utf-8")
    [found] = sarif(dask_lens("check", ".", "--output-format", "sarif"))["results"]
    region = found["locations"][0]["physicalLocation"]["region"]
    assert "get_client().scatter" in text.split("\n")[region["startLine"] - 1]
    assert found["message"]["text"].startswith("Cell 2, line 4: ")


def test_sarif_without_findings_and_with_what_could_not_be_read(dask_lens):
    answer = dask_lens("check", "nowhere.py", "--output-format", "sarif")
    run = sarif(answer)
    assert run["results"] == []
    [invocation] = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "nowhere.py" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_github_gets_a_command_for_each_finding(dask_lens, tmp_path):
    (tmp_path / "a,b.py").write_text(BATCH + WRONG)
    batch, wrong = dask_lens("check", ".", "--output-format", "github").out.splitlines()
    place = "file=a%2Cb.py,line=9,col=1,endLine=9,endColumn=59"
    title = "title=DSK201 processes-small-batch"
    assert batch.startswith(f"::warning {place},{title}::4 tasks will run")
    assert wrong.startswith("::error file=a%2Cb.py,line=13,")


def test_github_is_told_the_line_of_the_file_of_a_notebook(dask_lens, tmp_path):
    text = notebook("x = 1", WRONG)
    (tmp_path / "book.ipynb").write_text(text, encoding="utf-8")
    [line] = dask_lens("check", ".", "--output-format", "github").out.splitlines()
    number = int(line.partition("line=")[2].partition(",")[0])
    assert "get_client().scatter" in text.split("\n")[number - 1]


def test_nothing_in_a_name_breaks_out_of_a_command(dask_lens, tmp_path):
    name = "x%\n::error::y.py"
    (tmp_path / name).write_text(WRONG)
    [line] = dask_lens("check", name, "--output-format", "github").out.splitlines()
    assert line.startswith("::error file=x%25%0A%3A%3Aerror%3A%3Ay.py,line=4,")


@pytest.mark.parametrize("output", ["text", "json", "sarif", "github"])
def test_every_format_prints_what_any_stream_can_take(dask_lens, tmp_path, output):
    (tmp_path / "script.py").write_text(WRONG.replace("path", "pfäd漢"), encoding="utf-8")
    answer = dask_lens("check", "--output-format", output)
    assert answer.status == 1
    assert "DSK101" in answer.out
