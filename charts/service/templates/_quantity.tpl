{{/* A quantity of Kubernetes as a number: cores or bytes. The same as config/quantity.ts. */}}
{{- define "service.amount" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9.]+" $text -}}
{{- $unit := trimPrefix $number $text -}}
{{- if regexMatch "^[eE][+]?[0-9]+$" $unit -}}
{{- mulf (float64 $number) (float64 (printf "1%s" $unit)) -}}
{{- else -}}
{{- $factors := dict "" 1.0 "m" 0.001 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 -}}
{{- $binary := dict "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0 -}}
{{- mulf (float64 $number) (get (merge $factors $binary) $unit) -}}
{{- end -}}
{{- end }}
