namespace ScaleKit.Caching;

/// <summary>When a value may be refreshed before it expires, in timestamps of the cache's clock.</summary>
/// <param name="EagerAt">From here on a hit starts a refresh; <see cref="long.MaxValue"/>: never.</param>
/// <param name="Expiry">When the value expires in all levels.</param>
/// <param name="Width">Beta times the time that the factory took; zero: no probabilistic refresh.</param>
internal sealed record RefreshPoint(long EagerAt, long Expiry, double Width)
{
    // At 20 widths before the expiry a hit would refresh with probability e^-20, once in 500 million: no hit need throw the dice before.
    private const double Widths = 20;

    /// <summary>Before this no hit need ask.</summary>
    public long AskFrom => Math.Min(EagerAt, Width > 0 ? Expiry - (long)Math.Min(Width * Widths, long.MaxValue / 4) : long.MaxValue);
}
