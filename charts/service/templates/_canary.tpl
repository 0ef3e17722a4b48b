{{/* Content of spec.strategy.canary of the Rollout. */}}
{{- define "service.canary" -}}
{{- $analysis := .Values.rollout.analysis -}}
{{- if .Values.port -}}
stableService: {{ .Release.Name }}-stable
canaryService: {{ .Release.Name }}-canary
{{ end -}}
{{- if include "service.routesCanary" . -}}
trafficRouting:
  traefik:
    weightedTraefikServiceName: {{ .Release.Name }}
{{- /* A canary of one pod answers nothing while that pod is replaced. */}}
minPodsPerReplicaSet: {{ max 1 (min 2 (int .Values.replicas.min)) }}
{{- /* The ingress controller hears of a new address a moment later. Until then the old pods answer. */}}
scaleDownDelaySeconds: 30
abortScaleDownDelaySeconds: 30
{{- else -}}
maxSurge: {{ include "service.plain" (list "rollout.maxSurge" .Values.rollout.maxSurge) }}
maxUnavailable: {{ include "service.plain" (list "rollout.maxUnavailable" .Values.rollout.maxUnavailable) }}
{{- end }}
steps:
  {{- include "service.canarySteps" . | trim | nindent 2 }}
{{- if include "service.measuresRequests" . }}
analysis:
  {{- /* From the first request on. Before that there is nothing to measure. */}}
  startingStep: {{ add 1 (ternary 3 0 (and (include "service.checksCanary" . | eq "true") (include "service.routesCanary" . | eq "true"))) }}
  templates:
    - templateName: {{ .Release.Name }}-requests
{{- end }}
{{- end }}

{{/* Without hosts the first pod gets its share at once, so the check comes as soon as there is one. */}}
{{- define "service.canarySteps" -}}
{{- $checks := include "service.checksCanary" . -}}
{{- $routes := include "service.routesCanary" . -}}
{{- if and $checks $routes }}
- setCanaryScale: { replicas: 1 }
{{ include "service.checkStep" . }}
- setCanaryScale: { matchTrafficWeight: true }
{{- end }}
{{- range $index, $step := .Values.rollout.steps }}
{{- if hasKey $step "weight" }}
- setWeight: {{ int $step.weight }}
{{- else if eq (toString $step.pause) "manual" }}
- pause: {}
{{- else }}
- pause: { duration: {{ int $step.pause }}s }
{{- end }}
{{- if and $checks (not $routes) (eq $index 0) }}
{{ include "service.checkStep" $ }}
{{- end }}
{{- end }}
{{- end }}

{{- define "service.checkStep" -}}
- analysis:
    templates:
      - templateName: {{ .Release.Name }}-check
{{- end }}

{{- define "service.isCanary" -}}
{{- if eq .Values.rollout.strategy "canary" }}true{{ end -}}
{{- end }}

{{/* Whether the ingress controller gives a canary its share of the requests. Without hosts its share is one of the pods. */}}
{{- define "service.routesCanary" -}}
{{- if and (include "service.isCanary" .) .Values.hosts }}true{{ end -}}
{{- end }}

{{/* Whether the canary is judged by the ingress controller's metrics. */}}
{{- define "service.measuresRequests" -}}
{{- $analysis := .Values.rollout.analysis -}}
{{- if and (include "service.isCanary" .) (or $analysis.successRate $analysis.p95Milliseconds) }}true{{ end -}}
{{- end }}

{{/* Whether the canary is tested before it gets requests. */}}
{{- define "service.checksCanary" -}}
{{- $analysis := .Values.rollout.analysis -}}
{{- if and (include "service.isCanary" .) (or $analysis.command $analysis.path) }}true{{ end -}}
{{- end }}

{{/* Address of the canary's pods in the cluster. */}}
{{- define "service.canaryUrl" -}}
http://{{ .Release.Name }}-canary.{{ .Release.Namespace }}.svc:{{ int (.Values.servicePort | default 80) }}
{{- end }}
