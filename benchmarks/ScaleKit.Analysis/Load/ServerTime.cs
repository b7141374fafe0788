namespace ScaleKit.Analysis.Load;

/// <summary>Milliseconds that a node measured itself, in its last ten seconds.</summary>
internal sealed record ServerTime(double P50, double P95, double P99);
