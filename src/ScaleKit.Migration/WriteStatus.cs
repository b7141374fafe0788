namespace ScaleKit.Migration;

/// <summary>How a write ended.</summary>
public enum WriteStatus
{
    /// <summary>Stored; the version is the new one.</summary>
    Written = 0,

    /// <summary>The row does not have the expected version; the version is the row's. Nothing was written.</summary>
    Conflict = 1,

    /// <summary>A delete found no live value. Nothing was written.</summary>
    NotFound = 2,

    /// <summary>The store is fenced against this epoch. Nothing was written.</summary>
    Fenced = 3,
}
