{{/*
An ipBlock. A range never opens the instance metadata service, which gives out the node's credentials, unless it is just that
address. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
*/}}
{{- define "service.ipBlock" -}}
{{- $range := . -}}
{{- $except := list -}}
{{- range list "169.254.169.254/32" "fd00:ec2::254/128" -}}
  {{- $isOne := eq (last (splitList "/" .)) (last (splitList "/" $range)) -}}
  {{- if and (not $isOne) (include "service.rangeHolds" (list $range .)) }}{{ $except = append $except . }}{{ end -}}
{{- end -}}
ipBlock: { cidr: {{ $range | quote }}{{ with $except }}, except: {{ toJson . }}{{ end }} }
{{- end }}

{{/* Whether the first range holds the address of the second: their leading bits are the same. */}}
{{- define "service.rangeHolds" -}}
{{- $parts := splitList "/" (first .) -}}
{{- $groups := splitList " " (include "service.addressGroups" (first $parts) | trim) -}}
{{- $others := splitList " " (include "service.addressGroups" (first (splitList "/" (last .))) | trim) -}}
{{- $width := ternary 16 8 (eq (len $groups) 8) -}}
{{- $left := int (last $parts) -}}
{{- $same := eq (len $groups) (len $others) -}}
{{- if $same -}}
  {{- range $index, $group := $groups -}}
    {{- $divisor := 1 -}}
    {{- range until (int (sub $width (min $width (max 0 $left)))) }}{{ $divisor = mul 2 $divisor }}{{ end -}}
    {{- if ne (div (int64 $group) $divisor) (div (int64 (index $others $index)) $divisor) }}{{ $same = false }}{{ end -}}
    {{- $left = sub $left $width -}}
  {{- end -}}
{{- end -}}
{{- if $same }}true{{ end -}}
{{- end }}

{{/* An address as numbers: 4 of 8 bits, or 8 of 16 bits. */}}
{{- define "service.addressGroups" -}}
{{- if contains ":" . -}}
  {{- $halves := splitList "::" . -}}
  {{- $head := compact (splitList ":" (first $halves)) -}}
  {{- $tail := ternary (compact (splitList ":" (last $halves))) list (gt (len $halves) 1) -}}
  {{- range $head }}{{ int64 (printf "0x%s" .) }} {{ end -}}
  {{- range until (int (sub 8 (add (len $head) (len $tail)))) }}0 {{ end -}}
  {{- range $tail }}{{ int64 (printf "0x%s" .) }} {{ end -}}
{{- else -}}
  {{- range splitList "." . }}{{ int64 . }} {{ end -}}
{{- end -}}
{{- end }}
