using System.ComponentModel;

namespace SessionCache;

/// <summary>A session. Nobody can change one, so all callers share it.</summary>
[ImmutableObject(true)]
internal sealed record Session(string Id, string User);
