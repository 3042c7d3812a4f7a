"""Say that an alert is seen and somebody acts."""

from forms_engine.alerts import services
from forms_engine.alerts.models import Alert
from forms_engine.core.action import Action, register
from forms_engine.kernel.text import Text as T


@register
class AlertAcknowledge(Action):
    key = "alerts.alert.acknowledge"
    entity = "alerts.alert"
    label = T("I act on it", "我来处理")
    icon = "check"

    def available(self, *, actor, record):
        return record.state == Alert.State.OPEN

    def run(self, *, actor, record, values):
        return services.alert_acknowledge(actor=actor, alert=record)
