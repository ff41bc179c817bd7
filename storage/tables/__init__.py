"""Every table, by theme. Import from here: `from storage.tables import messages`."""

from storage.tables.api import api_answers, api_keys, participant_codes
from storage.tables.appointments import appointment_changes, appointments
from storage.tables.attachments import attachments
from storage.tables.base import metadata
from storage.tables.campaigns import campaign_members, campaigns
from storage.tables.consents import consent_answers, consent_walks
from storage.tables.content import content_versions
from storage.tables.conversation import conversations, effects, message_events, messages
from storage.tables.experiments import experiment_assignments
from storage.tables.genotypes import genotypes
from storage.tables.journeys import journey_dates, journey_events
from storage.tables.ledgers import APPEND_ONLY, audit_events, opt_outs, permissions, settlements, stage_history
from storage.tables.measuring import mail_looks, measured_mails
from storage.tables.outreach import is_invitation, providers, touchpoint_events, touchpoints
from storage.tables.people import contact_points, enrolments, participants, studies, verifications
from storage.tables.questionnaires import questionnaire_responses, verdicts
from storage.tables.signatures import signatures, signed_copies, signing_requests
from storage.tables.staff import coordinators, escalations, sessions

__all__ = [
    "APPEND_ONLY",
    "api_answers",
    "api_keys",
    "appointment_changes",
    "appointments",
    "attachments",
    "audit_events",
    "campaign_members",
    "campaigns",
    "consent_answers",
    "consent_walks",
    "contact_points",
    "content_versions",
    "conversations",
    "coordinators",
    "effects",
    "enrolments",
    "escalations",
    "experiment_assignments",
    "genotypes",
    "is_invitation",
    "journey_dates",
    "journey_events",
    "mail_looks",
    "measured_mails",
    "message_events",
    "messages",
    "metadata",
    "opt_outs",
    "participant_codes",
    "participants",
    "permissions",
    "providers",
    "questionnaire_responses",
    "sessions",
    "settlements",
    "signatures",
    "signed_copies",
    "signing_requests",
    "stage_history",
    "studies",
    "touchpoint_events",
    "touchpoints",
    "verdicts",
    "verifications",
]
