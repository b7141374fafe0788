using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace ScaleKit.Conventions.Tests;

/// <summary>The public API of an assembly as text that a reviewer can read and a diff can compare. Same assembly, same text.</summary>
public static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var group in assembly.GetExportedTypes().Where(type => !type.IsNested)
            .GroupBy(type => type.Namespace, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append("namespace ").Append(group.Key).Append('\n');
            foreach (var type in group.OrderBy(ApiName.Of, StringComparer.Ordinal))
            {
                AppendType(text, type, "  ");
            }
        }

        return text.ToString();
    }

    private static void AppendType(StringBuilder text, Type type, string indent)
    {
        foreach (var attribute in Attributes(type))
        {
            text.Append(indent).Append(attribute).Append('\n');
        }

        text.Append(indent).Append(Header(type)).Append('\n');
        if (typeof(MulticastDelegate).IsAssignableFrom(type))
        {
            return;
        }

        var inner = indent + "  ";
        if (type.IsEnum)
        {
            foreach (var field in type.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(f => Convert.ToInt64(f.GetRawConstantValue(), null)))
            {
                text.Append(inner).Append(field.Name).Append(" = ").Append(Convert.ToInt64(field.GetRawConstantValue(), null)).Append('\n');
            }

            return;
        }

        foreach (var line in type.GetMembers(Declared).Where(m => m is not Type && IsVisible(m)).SelectMany(Lines).Order(StringComparer.Ordinal))
        {
            text.Append(inner).Append(line).Append('\n');
        }

        foreach (var nested in type.GetNestedTypes(Declared).Where(t => t.IsNestedPublic || t.IsNestedFamily || t.IsNestedFamORAssem)
            .OrderBy(ApiName.Of, StringComparer.Ordinal))
        {
            AppendType(text, nested, inner);
        }
    }

    private static string Header(Type type)
    {
        if (typeof(MulticastDelegate).IsAssignableFrom(type))
        {
            return $"public delegate {ApiSignature.OfMethod(type.GetMethod("Invoke")!, ApiName.Of(type))}";
        }

        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => (Has(type, nameof(IsReadOnlyAttribute)) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = new List<string>();
        if (type is { IsClass: true, BaseType: { } parent } && parent != typeof(object))
        {
            bases.Add(ApiName.Of(parent));
        }

        if (!type.IsEnum)
        {
            bases.AddRange(type.GetInterfaces().Where(i => i.IsVisible).Select(ApiName.Of).Order(StringComparer.Ordinal));
        }

        return $"public {kind} {ApiName.Of(type)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases))}{ApiName.Constraints(type.GetGenericArguments())}";
    }

    private static IEnumerable<string> Lines(MemberInfo member)
    {
        var attributes = string.Concat(Attributes(member).Select(attribute => attribute + " "));
        switch (member)
        {
            case ConstructorInfo constructor:
                yield return attributes + ApiSignature.Of(constructor);
                break;
            case MethodInfo method:
                yield return attributes + ApiSignature.Of(method);
                break;
            case PropertyInfo property:
                yield return attributes + ApiSignature.Of(property);
                break;
            case FieldInfo field:
                yield return attributes + ApiSignature.Of(field);
                break;
            case EventInfo happening:
                yield return attributes + ApiSignature.Of(happening);
                break;
        }
    }

    private static bool IsVisible(MemberInfo member) => !member.Name.Contains('<', StringComparison.Ordinal) && member switch
    {
        MethodInfo method => ApiSignature.IsVisible(method)
            && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        MethodBase method => ApiSignature.IsVisible(method),
        FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(ApiSignature.IsVisible),
        EventInfo happening => happening.AddMethod is { } add && ApiSignature.IsVisible(add),
        _ => false,
    };

    private static bool Has(MemberInfo member, string attribute) =>
        member.GetCustomAttributesData().Any(data => string.Equals(data.AttributeType.Name, attribute, StringComparison.Ordinal));

    /// <summary>Only attributes that change what a caller may do.</summary>
    private static IEnumerable<string> Attributes(MemberInfo member) =>
        from data in member.GetCustomAttributesData()
        let name = data.AttributeType.Name.Replace("Attribute", "", StringComparison.Ordinal)
        where name is "Obsolete" or "Experimental" or "Flags" or "RequiresUnreferencedCode" or "RequiresDynamicCode" or "EditorBrowsable"
        where !(name is "Obsolete" && data.ConstructorArguments.Any(a => a.Value is string text && text.StartsWith("Constructors of types", StringComparison.Ordinal)))
        orderby name
        select $"[{name}]";
}
