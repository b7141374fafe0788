namespace ScaleKit.Migration;

/// <summary>How the two stores differ about a row, once it was looked at again and still differed.</summary>
public enum DifferenceKind
{
    /// <summary>The sequencing store has a live row, the mirror has nothing.</summary>
    Missing = 0,

    /// <summary>The mirror has a live row, the sequencing store never had one.</summary>
    Extra = 1,

    /// <summary>The mirror has an older version.</summary>
    Stale = 2,

    /// <summary>The same version with another value, or the mirror has a newer version than the sequencing store.</summary>
    Different = 3,
}
