{{- /*
The kinds that Argo CD reads and writes, as JSON: those of charts/service, their configuration, and what External Secrets and others
add by extraKinds. Secrets are not among them: they stay objects of the program, and Argo CD reads none of the services' namespace.
*/}}
{{- define "argo-cd.managedKinds" -}}
{{- $kinds := list
  (dict "group" "" "kind" "ConfigMap" "resource" "configmaps")
  (dict "group" "" "kind" "Service" "resource" "services")
  (dict "group" "" "kind" "ServiceAccount" "resource" "serviceaccounts")
  (dict "group" "apps" "kind" "Deployment" "resource" "deployments")
  (dict "group" "apps" "kind" "StatefulSet" "resource" "statefulsets")
  (dict "group" "batch" "kind" "Job" "resource" "jobs")
  (dict "group" "batch" "kind" "CronJob" "resource" "cronjobs")
  (dict "group" "autoscaling" "kind" "HorizontalPodAutoscaler" "resource" "horizontalpodautoscalers")
  (dict "group" "policy" "kind" "PodDisruptionBudget" "resource" "poddisruptionbudgets")
  (dict "group" "networking.k8s.io" "kind" "Ingress" "resource" "ingresses")
  (dict "group" "networking.k8s.io" "kind" "NetworkPolicy" "resource" "networkpolicies")
  (dict "group" "argoproj.io" "kind" "Rollout" "resource" "rollouts")
  (dict "group" "argoproj.io" "kind" "AnalysisTemplate" "resource" "analysistemplates")
  (dict "group" "traefik.io" "kind" "IngressRoute" "resource" "ingressroutes")
  (dict "group" "traefik.io" "kind" "TraefikService" "resource" "traefikservices")
  (dict "group" "keda.sh" "kind" "ScaledObject" "resource" "scaledobjects")
  (dict "group" "monitoring.coreos.com" "kind" "ServiceMonitor" "resource" "servicemonitors")
-}}
{{- concat $kinds .Values.extraKinds | toJson -}}
{{- end }}

{{- /* What these make. Argo CD only reads it, for the health of an Application. */}}
{{- define "argo-cd.readKinds" -}}
{{- list
  (dict "group" "" "kind" "Pod" "resource" "pods")
  (dict "group" "" "kind" "PersistentVolumeClaim" "resource" "persistentvolumeclaims")
  (dict "group" "apps" "kind" "ReplicaSet" "resource" "replicasets")
  (dict "group" "apps" "kind" "ControllerRevision" "resource" "controllerrevisions")
  (dict "group" "argoproj.io" "kind" "AnalysisRun" "resource" "analysisruns")
  | toJson -}}
{{- end }}
