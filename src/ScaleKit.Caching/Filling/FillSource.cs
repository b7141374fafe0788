namespace ScaleKit.Caching;

/// <summary>Where a value came from.</summary>
internal enum FillSource
{
    /// <summary>Nowhere: it is in no level and the call forbids the factory.</summary>
    Nothing,
    Local,
    Distributed,
    Factory,
    Stale,
    Bypass,
}
