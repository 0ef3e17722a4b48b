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
  {{- /* Off: one variable per Service of the namespace, fixed at the start, in everyone's environment. */}}
  enableServiceLinks: false
  terminationGracePeriodSeconds: {{ add (int .Values.shutdown.preStopSeconds) (int .Values.shutdown.drainSeconds) 5 }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ int .Values.user }}
    runAsGroup: {{ int .Values.user }}
    fsGroup: {{ int .Values.user }}
    {{- /* Without it the kubelet walks a whole volume at every start to change its owner. */}}
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
{{- /* The image is named by digest, so what the node already holds is right, and a pod can start while the registry is away. */}}
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
{{- /* The last log lines become the pod's termination message: a failed deploy can say why without access to the logs. */}}
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

{{/* Spread over hosts and zones, but never at the price of a pod that cannot be placed. */}}
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
    {{- /* Each revision is spread by itself: with the old pods counted in, a rollout ends lopsided once they are gone. */}}
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
