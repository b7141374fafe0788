namespace ScaleKit.Redis;

/// <summary>What stands under a <see cref="TimeLimit"/>, one at a time.</summary>
internal abstract class Timed
{
    /// <summary>When it began, in the clock's units.</summary>
    public long Started { get; set; }

    /// <summary>Its neighbours in <see cref="TimeLimit"/>, which alone uses them.</summary>
    public Timed? Older { get; set; }

    /// <inheritdoc cref="Older"/>
    public Timed? Younger { get; set; }

    /// <summary>Told, at every beat until it is taken off, under the limit's lock.</summary>
    public abstract void TimeIsOver();
}
