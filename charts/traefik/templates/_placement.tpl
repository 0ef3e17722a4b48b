{{/*
Over hosts by anti-affinity, over zones by topology spread. The anti-affinity counts only pods of the same revision. If it counted
old ones, a required rule would never let a rollout schedule its surge pod.
*/}}
{{- define "traefik.placement" -}}
{{- $root := . -}}
affinity:
  podAntiAffinity:
    {{- if eq .Values.spread "required" }}
    requiredDuringSchedulingIgnoredDuringExecution:
      - {{- include "traefik.hostTerm" . | nindent 8 }}
    {{- else }}
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        podAffinityTerm:
          {{- include "traefik.hostTerm" . | nindent 10 }}
    {{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: topology.kubernetes.io/zone
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "traefik.selectorLabels" . | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
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

{{- define "traefik.hostTerm" -}}
topologyKey: kubernetes.io/hostname
labelSelector:
  matchLabels:
    {{- include "traefik.selectorLabels" . | nindent 4 }}
matchLabelKeys: [pod-template-hash]
{{- end }}
