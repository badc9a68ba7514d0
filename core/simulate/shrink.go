package simulate

// Shrink returns a shorter plan that still fails, by leaving out steps in
// chunks that get smaller (Zeller's ddmin). fails lives a plan.
func Shrink(p Plan, fails func(Plan) bool) Plan {
	for size := max(1, len(p.Steps)/2); ; size /= 2 {
		for again := true; again; {
			again = false
			for at := 0; at < len(p.Steps); {
				shorter := p
				shorter.Steps = append(append([]Step(nil), p.Steps[:at]...), p.Steps[min(at+size, len(p.Steps)):]...)
				if fails(shorter) {
					p, again = shorter, size == 1
				} else {
					at += size
				}
			}
		}
		if size <= 1 {
			return p
		}
	}
}
