namespace ScaleKit.Analysis.RateLimiting;

/// <summary>A way to hold one key to a limit in a window. Times are ticks and never go back.</summary>
internal interface IWindowLimit
{
    /// <summary>Takes a permit, or refuses.</summary>
    bool Take(long now);
}
