namespace ScaleKit.Migration;

/// <summary>The mirror does not take more rows than <see cref="MigrationOptions.MirrorFailureLimit"/> allows, or it takes them again. Immutable.</summary>
/// <param name="isFailing"><see langword="true"/> when raised above the limit, <see langword="false"/> when cleared at half of it.</param>
/// <param name="share">The share of the rows that it did not take.</param>
public sealed class MirrorFailingEventArgs(bool isFailing, double share) : EventArgs
{
    /// <summary><see langword="true"/> when raised above the limit, <see langword="false"/> when cleared at half of it.</summary>
    public bool IsFailing { get; } = isFailing;

    /// <summary>The share of the rows that the mirror did not take, 0 to 1, as this instance has seen it in the window that ended.</summary>
    public double Share { get; } = share;
}
