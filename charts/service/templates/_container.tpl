{{- define "service.container" -}}
image: {{ .Values.image | quote }}
{{- /* The image is named by digest, so a cached one is the right one, and a pod can start while the registry is down. */}}
imagePullPolicy: IfNotPresent
{{- with .Values.command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "service.containerPorts" . | trim }}
ports:
  {{- . | nindent 2 }}
{{- end }}
env:
  {{- include "service.env" (dict "root" . "port" .Values.port "variables" .Values.variables) | nindent 2 }}
{{- include "service.envFrom" . }}
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- include "service.probes" . }}
{{- /* preStop is for requests that still come. */}}
{{- with ternary 0 (int .Values.shutdown.preStopSeconds) (eq (include "service.runsToEnd" .) "true") }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ . }}
{{- end }}
{{- /* The last log lines become the termination message, so that a failed deploy can show why without access to the logs. */}}
terminationMessagePolicy: FallbackToLogsOnError
securityContext:
  {{- include "service.containerSecurity" . | nindent 2 }}
volumeMounts:
  {{- include "service.writableMounts" . | nindent 2 }}
  {{- with include "service.fileMounts" (dict "root" . "secretFiles" .Values.secretFiles) | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end }}

{{- define "service.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}
