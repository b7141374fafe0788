namespace ScaleKit.Caching;

/// <summary>What became of a request for a fill lease.</summary>
public enum FillLeaseState
{
    /// <summary>The caller holds the lease and runs its factory.</summary>
    Granted,

    /// <summary>Another one holds the lease: wait and ask again.</summary>
    Held,

    /// <summary>A value came meanwhile; it was handed over.</summary>
    Found,
}
