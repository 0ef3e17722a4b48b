{{- /*
Spreads pods over nodes and zones again, a few evictions at a time and only as far as disruption budgets allow. It does not
even out the nodes' load: the HPA and a growing node group change that load faster than moved pods would.
Fields: https://github.com/kubernetes-sigs/descheduler#policy-default-evictor-and-strategy-plugins
*/}}
{{- define "descheduler.policy" -}}
{{ include "descheduler.policyOf" (dict "namespaces" .Values.namespaces "limits" (dict "maxNoOfPodsToEvictPerNode" 2)) }}
{{- end }}

{{- /* One pod at most. Whoever makes the Job adds a labelSelector, and so names the service whose pod it is. */}}
{{- define "descheduler.onePodPolicy" -}}
{{- $limits := dict "maxNoOfPodsToEvictPerNode" 1 "maxNoOfPodsToEvictPerNamespace" 1 "maxNoOfPodsToEvictTotal" 1 }}
{{- include "descheduler.policyOf" (dict "namespaces" .Values.namespaces "limits" $limits) }}
{{- end }}

{{- define "descheduler.policyOf" -}}
apiVersion: descheduler/v1alpha2
kind: DeschedulerPolicy
{{ toYaml .limits }}
profiles:
  - name: spread
    pluginConfig:
      - name: DefaultEvictor
        args:
          nodeFit: true
          {{- /* The only pod of a service is its whole service. */}}
          minReplicas: 2
          {{- /* Pods of services with rebalance: never have the annotation that this protects. */}}
          noEvictionPolicy: Mandatory
          podProtections:
            {{- /* Every service has a scratch volume for /tmp, which by default keeps a pod where it is. */}}
            defaultDisabled: [PodsWithLocalStorage]
            {{- /* A volume that lasts may be bound to its zone. */}}
            extraEnabled: [PodsWithPVC]
      - name: RemoveDuplicates
        args:
          namespaces: { include: {{ toJson .namespaces }} }
      - name: RemovePodsViolatingTopologySpreadConstraint
        args:
          namespaces: { include: {{ toJson .namespaces }} }
          constraints: [DoNotSchedule, ScheduleAnyway]
    plugins:
      balance:
        enabled: [RemoveDuplicates, RemovePodsViolatingTopologySpreadConstraint]
{{- end }}
