using System.ComponentModel;

namespace ScaleKit.Caching.Tests;

internal sealed record Session(string User, List<string> Rights);

[ImmutableObject(true)]
internal sealed record Badge(string User);
