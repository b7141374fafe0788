namespace ScaleKit.Admission;

/// <summary>Who of those that wait for the same room is served first. It decides nothing between rooms.</summary>
public enum AdmissionPriority
{
    /// <summary>After the others.</summary>
    Low = -1,

    /// <summary>The usual.</summary>
    Normal = 0,

    /// <summary>Before the others.</summary>
    High = 1,
}
