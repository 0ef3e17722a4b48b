{{/* web and worker are Deployments that say more about themselves. */}}
{{- define "service.workload" -}}
{{- ternary "deployment" .Values.kind (has .Values.kind (list "web" "worker")) -}}
{{- end }}

{{/* Whether the pods run to an end: nobody calls them, and their number is not that of a service. */}}
{{- define "service.runsToEnd" -}}
{{- if has .Values.kind (list "cron" "job") }}true{{ end -}}
{{- end }}

{{/* The spec of a Job that runs the service once. */}}
{{- define "service.jobSpec" -}}
activeDeadlineSeconds: {{ int (.Values.job.activeDeadlineSeconds | default (ternary 600 3600 (eq .Values.kind "job"))) }}
backoffLimit: {{ int .Values.job.backoffLimit }}
{{- /* A pod is replaced only once it has ended, so that two never run at once. */}}
podReplacementPolicy: Failed
podFailurePolicy:
  rules:
    {{- /* A node that is drained or lost is no failure of the run. */}}
    - action: Ignore
      onPodConditions:
        - type: DisruptionTarget
          status: "True"
template:
  {{- include "service.patchedPodTemplate" . | nindent 2 }}
{{- end }}

{{/* A name for each content of the pods: a Job cannot be changed, and what has run once does not run again. */}}
{{- define "service.jobName" -}}
{{- printf "%s-%s" .Release.Name (include "service.patchedPodTemplate" . | sha256sum | trunc 10) -}}
{{- end }}

{{/* Each change of the values has a gate of its own. web and worker are the same change as deployment. */}}
{{- define "service.gateName" -}}
{{- $values := set (deepCopy .Values) "kind" (include "service.workload" .) -}}
{{- printf "%s-rollout-%s" .Release.Name ($values | toJson | sha256sum | trunc 8) -}}
{{- end }}
