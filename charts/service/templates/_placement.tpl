{{/* Spread over hosts and zones. Unless it is required, a pod that cannot be spread is scheduled all the same. */}}
{{- define "service.placement" -}}
{{- $root := . -}}
{{- /* A run has one pod: there is nothing to spread. */ -}}
{{- if not (include "service.runsToEnd" .) -}}
topologySpreadConstraints:
  {{- range $over := list "hosts" "zones" }}
  - maxSkew: 1
    topologyKey: {{ ternary "kubernetes.io/hostname" "topology.kubernetes.io/zone" (eq $over "hosts") }}
    whenUnsatisfiable: {{ ternary "DoNotSchedule" "ScheduleAnyway" (eq (get $root.Values.spread $over) "required") }}
    labelSelector:
      matchLabels:
        {{- include "service.selectorLabels" $root | nindent 8 }}
    {{- /* Each revision is spread by itself. If the old pods counted, the new ones would be uneven once those are gone. */}}
    matchLabelKeys: [{{ include "service.templateLabel" $root }}]
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
{{ end -}}
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
