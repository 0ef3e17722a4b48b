{{/* 0 pods, with no more allowed. Nothing scales such a service: an autoscaler ignores a workload of 0 pods. */}}
{{- define "service.isPaused" -}}
{{- if eq (include "service.maxReplicas" .) "0" }}true{{ end -}}
{{- end }}

{{- define "service.maxReplicas" -}}
{{- max (int .Values.replicas.min) (int (.Values.replicas.max | default 0)) -}}
{{- end }}

{{/* KEDA's triggers have nothing to decide where the number of pods is fixed. So a small environment needs no KEDA. */}}
{{- define "service.usesKeda" -}}
{{- if and .Values.scaling.triggers (gt (int (include "service.maxReplicas" .)) (int .Values.replicas.min)) }}true{{ end -}}
{{- end }}

{{- define "service.workloadKind" -}}
{{- if include "service.runsToEnd" . -}}CronJob
{{- else if eq .Values.kind "stateful" -}}StatefulSet
{{- else if has .Values.rollout.strategy (list "blueGreen" "canary") -}}Rollout
{{- else -}}Deployment
{{- end -}}
{{- end }}

{{- define "service.workloadApi" -}}
{{- ternary "argoproj.io/v1alpha1" "apps/v1" (eq (include "service.workloadKind" .) "Rollout") -}}
{{- end }}

{{/* Label by which a controller tells the pods of one template from those of another. */}}
{{- define "service.templateLabel" -}}
{{- get (dict "CronJob" "controller-uid" "StatefulSet" "controller-revision-hash" "Rollout" "rollouts-pod-template-hash" "Deployment" "pod-template-hash") (include "service.workloadKind" .) -}}
{{- end }}

{{/* Pods that a workload of this kind has now. A lookup of a kind that the cluster does not have is an error. */}}
{{- define "service.livePods" -}}
{{- $api := ternary "argoproj.io/v1alpha1" "apps/v1" (eq .kind "Rollout") -}}
{{- if or (ne .kind "Rollout") (.root.Capabilities.APIVersions.Has (printf "%s/Rollout" $api)) -}}
{{- int (dig "spec" "replicas" 0 (lookup $api .kind .root.Release.Namespace .root.Release.Name)) -}}
{{- else -}}0{{- end -}}
{{- end }}

{{/*
A percentage of a request is that of the service's own container: the requests and the use of sidecars would change its meaning.
https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#container-resource-metrics
*/}}
{{- define "service.usageMetric" -}}
{{- if .root.Values.sidecars -}}
- type: ContainerResource
  containerResource:
    name: {{ .name }}
    container: {{ .root.Release.Name }}
    target:
      type: Utilization
      averageUtilization: {{ .target }}
{{- else -}}
- type: Resource
  resource:
    name: {{ .name }}
    target:
      type: Utilization
      averageUtilization: {{ .target }}
{{- end -}}
{{- end }}

{{- define "service.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: 0
  selectPolicy: Max
  policies:
    {{- with .Values.scaling.growth }}
    - type: Percent
      value: {{ .percent }}
      periodSeconds: {{ .seconds }}
    {{- else }}
    {{- /* Up to the maximum at once. Kubernetes' default only doubles the pods, or adds 4, every 15 s. */}}
    - type: Pods
      value: {{ include "service.maxReplicas" . }}
      periodSeconds: 15
    {{- end }}
scaleDown:
  stabilizationWindowSeconds: {{ .Values.cpu.scaleDownSeconds }}
{{- end }}

{{/*
The autoscaler owns the number of pods. A manifest that holds it would set it back at every upgrade, and at every rollback to what it
was at the deploy before: in a peak of load that stops pods. So it is given only where no pod runs: at the install, after a pause,
and when somebody has set 0 or deleted the workload by hand. Then it is what the autoscaler wanted last, else the minimum.

Before the next upgrade, components/rollout/unpin-replicas.ts takes it out of Helm's record: where a manifest has the field and the
next one has not, Helm removes it, Kubernetes sets 1, and all pods but one stop (https://github.com/helm/helm/issues/12650).
*/}}
{{- define "service.replicas" -}}
{{- $namespace := .Release.Namespace -}}
{{- $name := .Release.Name -}}
{{- if include "service.isPaused" . -}}
replicas: 0
{{- else -}}
  {{- $live := int (include "service.livePods" (dict "root" . "kind" (include "service.workloadKind" .))) -}}
  {{- /* An upgrade that cannot look at the cluster, as in `helm template --is-upgrade`, finds no account either. */ -}}
  {{- if or .Release.IsInstall (and (eq $live 0) (lookup "v1" "ServiceAccount" $namespace $name)) -}}
    {{- $scaler := ternary (printf "keda-hpa-%s" $name) $name (eq (include "service.usesKeda" .) "true") -}}
    {{- $wanted := int (dig "status" "desiredReplicas" 0 (lookup "autoscaling/v2" "HorizontalPodAutoscaler" $namespace $scaler)) -}}
    {{- /* Under another strategy it ran as another kind, which serves until this one can. */ -}}
    {{- $before := 0 -}}
    {{- range list "Deployment" "Rollout" -}}
      {{- $before = max $before (int (include "service.livePods" (dict "root" $ "kind" .))) -}}
    {{- end -}}
    {{- $pods := min (int (include "service.maxReplicas" .)) (max (int .Values.replicas.min) $live $wanted $before) -}}
    {{- if gt $pods 0 -}}
replicas: {{ $pods }}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- end }}
