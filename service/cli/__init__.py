"""The command line: `perennial --help` teaches. One file a theme; heavy imports wait inside the commands."""

import typer

from service.cli import (
    api_key,
    appointment,
    audit,
    bench,
    campaign,
    code,
    consent,
    content,
    coordinator,
    email,
    events,
    experiment,
    keys,
    nlu,
    permissions,
    questionnaire,
    run,
    simulate,
    study,
)

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Perennial: the conversation that carries a participant through a precision-medicine programme. "
    "Start with `perennial demo`; every command says more with --help.",
)
app.add_typer(run.app)
app.add_typer(simulate.app)
app.add_typer(coordinator.app, name="coordinator")
app.add_typer(study.app, name="study")
app.add_typer(questionnaire.app, name="questionnaire")
app.add_typer(content.app, name="content")
app.add_typer(email.app, name="email")
app.add_typer(bench.app, name="bench")
app.add_typer(audit.app, name="audit")
app.add_typer(campaign.app, name="campaign")
app.add_typer(keys.app, name="keys")
app.add_typer(nlu.app, name="nlu")
app.add_typer(events.app, name="events")
app.add_typer(experiment.app, name="experiment")
app.add_typer(api_key.app, name="api-key")
app.add_typer(code.app, name="code")
app.add_typer(appointment.app, name="appointment")
app.add_typer(consent.app, name="consent")
app.add_typer(permissions.app, name="permissions")
