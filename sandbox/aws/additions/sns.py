"""SNS: subscriptions that a person has to confirm, and attributes that topics have."""

from xml.sax.saxutils import escape

from ministack.services import sns

_p = sns._p

#: https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
_ATTRIBUTES = {
    "DeliveryPolicy",
    "DisplayName",
    "Policy",
    "TracingConfig",
    "KmsMasterKeyId",
    "SignatureVersion",
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "FifoThroughputScope",
    *(
        f"{protocol}{what}Feedback{kind}"
        for protocol in ("HTTP", "Firehose", "Lambda", "Application", "SQS")
        for what, kind in (("Success", "RoleArn"), ("Success", "SampleRate"), ("Failure", "RoleArn"))
    ),
}


def install() -> None:
    sns._subscribe = _with_pending_mail(sns._subscribe)
    sns._set_topic_attributes = _with_known(sns._set_topic_attributes)


def _with_pending_mail(subscribe):
    """Mail is confirmed by whoever opens the link in it; nobody does here."""

    def subscribed(params):
        known = set(sns._sub_arn_to_topic.keys())
        status, headers, answer = subscribe(params)
        if status != 200 or _p(params, "Protocol") not in ("email", "email-json"):
            return status, headers, answer
        topic = sns._topic_by_arn_any_scope(_p(params, "TopicArn"))
        for subscription in topic["subscriptions"]:
            if subscription["arn"] not in known and subscription["protocol"] == _p(params, "Protocol"):
                subscription["confirmed"] = False
                pending = {"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"}
                subscription["attributes"] |= pending
                sns._refresh_subscription_counts(topic)
                if _p(params, "ReturnSubscriptionArn").lower() != "true":
                    answer = answer.replace(subscription["arn"].encode(), b"pending confirmation")
        return status, headers, answer

    return subscribed


def _with_known(set_attributes):
    def changed(params):
        name = _p(params, "AttributeName")
        if name not in _ATTRIBUTES:
            return sns._error("InvalidParameter", f"Invalid parameter: AttributeName {escape(name)}", 400)
        answer = set_attributes(params)
        topic = sns._topic_by_arn_any_scope(_p(params, "TopicArn"))
        if topic and name == "KmsMasterKeyId" and not _p(params, "AttributeValue"):
            topic["attributes"].pop(name, None)
        return answer

    return changed
