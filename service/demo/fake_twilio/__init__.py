"""A strict local Twilio for the demo and the tests: same schema, same signatures, and faults on demand."""

from service.demo.fake_twilio.faults import CallbackPlan, Fault, OptOutMode
from service.demo.fake_twilio.message import FakeMessage
from service.demo.fake_twilio.phone import phone_routes
from service.demo.fake_twilio.server import FakeTwilio

__all__ = ["CallbackPlan", "FakeMessage", "FakeTwilio", "Fault", "OptOutMode", "phone_routes"]
