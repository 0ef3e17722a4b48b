{{/* Content of a Rollout's strategy.canary. */}}
{{- define "service.canary" -}}
maxSurge: {{ .Values.rollout.maxSurge }}
maxUnavailable: {{ .Values.rollout.maxUnavailable }}
{{- end }}
