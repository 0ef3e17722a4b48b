{{/* The pod template that Deployment and StatefulSet share. */}}
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
  terminationGracePeriodSeconds: {{ add (int .Values.shutdown.preStopSeconds) (int .Values.shutdown.drainSeconds) 5 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int .Values.user }}
    runAsGroup: {{ int .Values.user }}
    fsGroup: {{ int .Values.user }}
    {{- /* Otherwise the kubelet changes the owner of every file of a volume at each start. */}}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  {{- include "service.placement" . | nindent 2 }}
  containers:
    - name: {{ .Release.Name }}
      {{- include "service.container" . | nindent 6 }}
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: {{ .Values.tmp.sizeLimit }}
{{- end }}

{{- define "service.podAnnotations" -}}
{{- with .Values.restartedAt }}
slipway.dev/restarted-at: {{ . | quote }}
{{- end }}
{{- include "service.metricsAnnotations" . }}
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}
