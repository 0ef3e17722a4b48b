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
{{- with .Values.podAnnotations }}
{{ toYaml . }}
{{- end }}
{{- end }}

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
{{- with .Values.port }}
ports:
  - name: http
    containerPort: {{ int . }}
    protocol: TCP
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

{{/* Spread over hosts and zones, but a pod that cannot be spread is scheduled all the same. */}}
{{- define "service.placement" -}}
{{- $root := . -}}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "service.selectorLabels" $root | nindent 8 }}
    {{- /* Each revision is spread by itself. If the old pods counted, the new ones would be uneven once those are gone. */}}
    matchLabelKeys: [{{ ternary "controller-revision-hash" "pod-template-hash" (eq $root.Values.kind "stateful") }}]
  {{- end }}
affinity:
  podAntiAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          topologyKey: kubernetes.io/hostname
          labelSelector:
            matchLabels:
              {{- include "service.selectorLabels" . | nindent 14 }}
tolerations:
  {{- range $state := list "not-ready" "unreachable" }}
  - key: node.kubernetes.io/{{ $state }}
    operator: Exists
    effect: NoExecute
    tolerationSeconds: {{ $root.Values.nodeLossSeconds }}
  {{- end }}
  {{- with .Values.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
