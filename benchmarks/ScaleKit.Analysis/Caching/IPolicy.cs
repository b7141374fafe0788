namespace ScaleKit.Analysis.Caching;

/// <summary>Something that keeps a bounded number of keys.</summary>
internal interface IPolicy
{
    /// <summary>Asks for a key, and brings it in where it is missing.</summary>
    /// <returns>Whether it was there.</returns>
    bool Ask(int key);
}
