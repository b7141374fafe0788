namespace ScaleKit.Migration;

/// <summary>Whether an instance may be sent requests. Immutable.</summary>
/// <param name="IsReady">Whether it may.</param>
/// <param name="Phase">The phase that it runs.</param>
/// <param name="Epoch">The epoch that it runs.</param>
/// <param name="Reason">Why not; null when it is ready.</param>
public sealed record MigrationReadiness(bool IsReady, MigrationPhase Phase, long Epoch, string? Reason);
