{{- /*
What EKS Pod Identity adds to the pods of a service account that has an association. EKS adds it only when a pod is created and
learns of a new association some seconds late, so a pod that is created sooner would never get credentials
(https://github.com/aws/containers-roadmap/issues/2507). Where a pod has it already, under these names, EKS adds nothing:
https://github.com/aws/amazon-eks-pod-identity-webhook/blob/master/pkg/handler/handler.go
Addresses and audience: https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html
*/}}
{{- define "cluster-autoscaler.credentialsVariables" -}}
- name: AWS_CONTAINER_CREDENTIALS_FULL_URI
  value: http://169.254.170.23/v1/credentials
- name: AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE
  value: /var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token
- name: AWS_STS_REGIONAL_ENDPOINTS
  value: regional
{{- end }}

{{- define "cluster-autoscaler.credentialsMount" -}}
- name: eks-pod-identity-token
  mountPath: /var/run/secrets/pods.eks.amazonaws.com/serviceaccount
  readOnly: true
{{- end }}

{{- define "cluster-autoscaler.credentialsVolume" -}}
- name: eks-pod-identity-token
  projected:
    sources:
      - serviceAccountToken:
          audience: pods.eks.amazonaws.com
          expirationSeconds: 86400
          path: eks-pod-identity-token
{{- end }}
