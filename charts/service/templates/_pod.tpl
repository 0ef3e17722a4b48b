{{/* The pod template that all kinds share. */}}
{{- define "service.podTemplate" -}}
metadata:
  labels:
    {{- include "service.podLabels" . | nindent 4 }}
  {{- with include "service.podAnnotations" . | trim }}
  annotations:
    {{- . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ .Release.Name }}
  automountServiceAccountToken: false
  {{- /* Otherwise every container gets variables for each Service of the namespace. */}}
  enableServiceLinks: false
  {{- if include "service.runsToEnd" . }}
  restartPolicy: Never
  terminationGracePeriodSeconds: {{ add (int .Values.shutdown.drainSeconds) 5 }}
  {{- else }}
  terminationGracePeriodSeconds: {{ add (int .Values.shutdown.preStopSeconds) (int .Values.shutdown.drainSeconds) 5 }}
  {{- end }}
  {{- include "service.podSecurity" . | nindent 2 }}
  {{- include "service.placement" . | nindent 2 }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.runtimeClassName }}
  runtimeClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  {{- if or .Values.sidecars .Values.initContainers }}
  initContainers:
    {{- /* Sidecars first: what an init container does may need one, such as a migration the proxy of its database. */}}
    {{- range .Values.sidecars }}
    - name: {{ include "service.plain" (list "sidecars and initContainers" .name) }}
      restartPolicy: Always
      {{- include "service.besideContainer" (dict "root" $ "container" .) | nindent 6 }}
    {{- end }}
    {{- range .Values.initContainers }}
    - name: {{ include "service.plain" (list "sidecars and initContainers" .name) }}
      {{- include "service.besideContainer" (dict "root" $ "container" .) | nindent 6 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ .Release.Name }}
      {{- include "service.container" . | nindent 6 }}
  volumes:
    {{- include "service.volumes" . | nindent 4 }}
{{- end }}

{{- define "service.podAnnotations" -}}
{{- with .Values.restartedAt }}
slipway.dev/restarted-at: {{ . | quote }}
{{- end }}
{{- include "service.metricsAnnotations" . }}
{{- /* A webhook, or the agent of Pod Identity, gives a pod its role when the pod is made: another role needs other pods. */}}
{{- with .Values.serviceAccount }}
{{- if or .annotations .roleArn }}
slipway.dev/service-account: {{ toJson (dict "annotations" .annotations "roleArn" .roleArn) | sha256sum | trunc 16 | quote }}
{{- end }}
{{- end }}
{{- /* With the policy noEvictionPolicy: Mandatory, which charts/descheduler sets, the descheduler leaves such pods alone. */}}
{{- $stays := "descheduler.alpha.kubernetes.io/prefer-no-eviction" }}
{{- if and (eq (.Values.rebalance | default "") "never") (not (hasKey (.Values.podAnnotations | default dict) $stays)) }}
{{ $stays }}: "true"
{{- end }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "service.podSecurity" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ int .Values.user }}
  runAsGroup: {{ int .Values.user }}
  fsGroup: {{ int .Values.user }}
  {{- /* Otherwise the kubelet changes the owner of every file of a volume at each start. */}}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}
