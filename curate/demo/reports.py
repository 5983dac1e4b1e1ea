"""The fictional reports of the demo: templates in sample/reports, filled with the identities of a planned study."""

import json
from importlib.resources import files

from curate.demo.headers import uid
from curate.demo.identities import Institution, Plan, listed, spoken

LONE_REPORT = "AC24-999999"  # sample/reports/without-study.txt


def write(plan: Plan, institution: Institution) -> str:
    """The text of one report, without a final line break."""
    patient = plan.patient
    return template(plan.key).format(
        hospital=institution.name,
        department=institution.department,
        phone=institution.phone,
        name=spoken(patient.name),
        listed=listed(patient.name),
        family=patient.family,
        given=patient.given,
        mrn=patient.mrn,
        birth=patient.birth,
        age=(plan.date - patient.birth).days * 4 // 1461,
        address=patient.address,
        patient_phone=patient.phone,
        accession=plan.accession,
        date=plan.date,
        prior=plan.prior,
        referrer=spoken(plan.referrer),
        radiologist=spoken(plan.radiologist),
    )


def template(key: str) -> str:
    """The words of one report with placeholders for everything that identifies."""
    return (files(__package__) / "sample" / "reports" / f"{key}.txt").read_text(encoding="utf-8").strip()


def record(plan: Plan, institution: Institution) -> str:
    """One line of the archive's reports.jsonl."""
    fields = {
        "report_id": f"RPT-{plan.accession[-6:]}",
        "patient_id": plan.patient.mrn,
        "accession_number": plan.accession,
        "study_instance_uid": uid(plan.key),
        "issued": plan.date.isoformat(),
        "text": write(plan, institution),
    }
    return json.dumps(fields, ensure_ascii=False)
