{{- /*
Spreads pods over nodes and zones again, a few evictions at a time and only as far as disruption budgets allow. It does not
even out the nodes' load: the HPA and a growing node group change that load faster than moved pods would.
Fields: https://github.com/kubernetes-sigs/descheduler#policy-default-evictor-and-strategy-plugins
*/}}
{{- define "descheduler.policy" -}}
apiVersion: descheduler/v1alpha2
kind: DeschedulerPolicy
maxNoOfPodsToEvictPerNode: 2
profiles:
  - name: spread
    pluginConfig:
      - name: DefaultEvictor
        args:
          nodeFit: true
          {{- /* The only pod of a service is its whole service. */}}
          minReplicas: 2
          podProtections:
            {{- /* Every service has a scratch volume for /tmp, which by default keeps a pod where it is. */}}
            defaultDisabled: [PodsWithLocalStorage]
            {{- /* A volume that lasts may be bound to its zone. */}}
            extraEnabled: [PodsWithPVC]
      - name: RemoveDuplicates
        args:
          namespaces: { include: {{ toJson .Values.namespaces }} }
      - name: RemovePodsViolatingTopologySpreadConstraint
        args:
          namespaces: { include: {{ toJson .Values.namespaces }} }
          constraints: [DoNotSchedule, ScheduleAnyway]
    plugins:
      balance:
        enabled: [RemoveDuplicates, RemovePodsViolatingTopologySpreadConstraint]
{{- end }}
