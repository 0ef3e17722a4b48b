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
  - name: RELEASE
    value: {{ .Values.release | quote }}
  {{- with .Values.port }}
  - name: PORT
    value: {{ int . | quote }}
  {{- end }}
  - name: POD_NAME
    valueFrom: { fieldRef: { fieldPath: metadata.name } }
  - name: NODE_NAME
    valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
{{- if or .Values.configName .Values.secretName }}
envFrom:
  {{- with .Values.configName }}
  - configMapRef: { name: {{ . }} }
  {{- end }}
  {{- with .Values.secretName }}
  - secretRef: { name: {{ . }} }
  {{- end }}
{{- end }}
resources: {{- toYaml .Values.resources | nindent 2 }}
{{- include "service.probes" . }}
{{- with int .Values.shutdown.preStopSeconds }}
lifecycle:
  preStop:
    sleep:
      seconds: {{ . }}
{{- end }}
{{- /* The last log lines become the termination message, so that a failed deploy can show why without access to the logs. */}}
terminationMessagePolicy: FallbackToLogsOnError
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
  {{- with .Values.volume }}
  - name: data
    mountPath: {{ .mountPath }}
  {{- end }}
{{- end }}
