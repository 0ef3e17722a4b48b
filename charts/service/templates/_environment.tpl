{{/*
Variables of a container: those of the chart, then `variables` in their order. Kubernetes expands $(NAME) only by variables before it.
Takes root, port and variables.
*/}}
{{- define "service.env" -}}
- name: RELEASE
  value: {{ .root.Values.podVersion | default .root.Values.release | quote }}
{{- with .port }}
- name: PORT
  value: {{ int . | quote }}
{{- end }}
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- name: NODE_NAME
  valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
- name: POD_IP
  valueFrom: { fieldRef: { fieldPath: status.podIP } }
- name: HOST_IP
  valueFrom: { fieldRef: { fieldPath: status.hostIP } }
{{- range .variables }}
- name: {{ .name | quote }}
  {{- if .secret }}
  valueFrom: { secretKeyRef: { name: {{ .secret | quote }}, key: {{ .key | quote }} } }
  {{- else if eq (default "" .from) "secret" }}
  valueFrom: { secretKeyRef: { name: {{ $.root.Values.secretName }}, key: {{ .name | quote }} } }
  {{- else if eq (default "" .from) "config" }}
  valueFrom: { configMapKeyRef: { name: {{ $.root.Values.configName }}, key: {{ .name | quote }} } }
  {{- else }}
  value: {{ .value | quote }}
  {{- end }}
{{- end }}
{{- end }}

{{/* All that the service's own image reads as variables, besides those in `env`. */}}
{{- define "service.envFrom" -}}
{{- if or .Values.configName .Values.secretName .Values.secretRefs }}
envFrom:
  {{- with .Values.configName }}
  - configMapRef: { name: {{ include "service.plain" (list "configName" .) }} }
  {{- end }}
  {{- with .Values.secretName }}
  - secretRef: { name: {{ include "service.plain" (list "secretName" .) }} }
  {{- end }}
  {{- range .Values.secretRefs }}
  - secretRef: { name: {{ . | quote }} }
  {{- end }}
{{- end }}
{{- end }}
