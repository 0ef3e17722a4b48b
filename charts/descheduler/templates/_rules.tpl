{{- /* Its caches hold the whole cluster: they cannot be limited to a namespace. */}}
{{- define "descheduler.readRules" -}}
- apiGroups: [""]
  resources: [nodes, pods, namespaces, persistentvolumeclaims]
  verbs: [get, list, watch]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch]
- apiGroups: [scheduling.k8s.io]
  resources: [priorityclasses]
  verbs: [get, list, watch]
{{- end }}

{{- define "descheduler.evictRules" -}}
- apiGroups: [""]
  resources: [pods/eviction]
  verbs: [create]
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, update, patch]
{{- end }}
